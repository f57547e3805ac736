"""Solve the crossed mixed model of units and raters, whatever is missing and however large.

y = X beta + unit + rater [+ unit:rater] + residual. Repeats of a rater on a unit are first reduced to their mean (a
cell), which loses nothing: a cell of n ratings has variance (interaction + residual / n) of its own. Units are
absorbed one by one, since they do not touch each other; what is left is a dense matrix with a row for each rater, so
that the cost of one likelihood hardly depends on the number of units.

Bates, D. et al. (2015). Fitting linear mixed-effects models using lme4. Journal of Statistical Software 67(1): the
profiled REML criterion. Johnson, D. L. & Thompson, R. (1995). Restricted maximum likelihood estimation of variance
components for univariate animal models using sparse matrix techniques and average information. Journal of Dairy
Science 78, 449-456: the information.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy
from numpy.typing import NDArray

from annotation.agreement.cells import Cells, Matrix, sums
from annotation.agreement.ratings import Codes, Values

LARGEST_SUMS = 16_000_000  # of eight bytes each: 128 MB


@dataclass(frozen=True)
class Ratios:
    """The variances of unit, rater and interaction, each divided by that of the residual."""

    unit: float
    rater: float
    interaction: float = 0.0


@dataclass(frozen=True)
class Group:
    """Sums over units whose cells have the same counts: `cells[a]` cells of count `levels[a]` in each.

    With G = [rater indicators, fixed effects, y], `within[a]` is G'G over cells of level a, and `between[a, b]` the sum
    over units of the products of their sums of G at levels a and b.
    """

    levels: Values
    cells: Codes
    units: int
    within: Matrix
    between: Matrix


class CrossedModel:
    """What of the data the likelihood needs, for any ratios of variances.

    Sums that do not depend on the ratios are made once, as far as `room` numbers hold them; the rest is summed anew.
    """

    def __init__(self, cells: Cells, room: int = LARGEST_SUMS) -> None:
        self.cells = cells
        self.raters = cells.n_raters
        self._columns = np.column_stack([cells.design, cells.mean])
        self._groups, self._remainder = self._group(room)

    def _rows(self, mask: NDArray[np.bool_], weight: Values) -> scipy.sparse.csr_array:
        """Return, a row a unit, the weighted sums of [rater indicators, fixed effects, y] over the chosen cells."""
        cells, extra = self.cells, self._columns.shape[1]
        units, row = np.unique(cells.unit[mask], return_inverse=True)
        w = weight[mask]
        shape = (len(units), self.raters + extra)
        indicators = scipy.sparse.csr_array((w, (row, cells.rater[mask])), shape=shape) if self.raters else None
        totals = np.column_stack([sums(row, w * self._columns[mask, j], len(units)) for j in range(extra)])
        dense = scipy.sparse.hstack(
            [scipy.sparse.csr_array((len(units), self.raters)), scipy.sparse.csr_array(totals)], format="csr"
        )
        return dense if indicators is None else scipy.sparse.csr_array(indicators + dense)

    def _cross(self, mask: NDArray[np.bool_], weight: Values) -> Matrix:
        """Return G'WG over the chosen cells, for G = [rater indicators, fixed effects, y]."""
        r, columns = self.raters, self._columns[mask]
        weighted_columns = columns * weight[mask, None]
        matrix = np.zeros((r + columns.shape[1], r + columns.shape[1]))
        matrix[r:, r:] = columns.T @ weighted_columns
        if r:
            rater = self.cells.rater[mask]
            matrix[np.arange(r), np.arange(r)] = np.bincount(rater, weight[mask], r)
            for j in range(columns.shape[1]):
                matrix[:r, r + j] = matrix[r + j, :r] = np.bincount(rater, weighted_columns[:, j], r)
        return matrix

    def _group(self, room: int) -> tuple[list[Group], NDArray[np.bool_]]:
        """Sum units whose cells have the same counts, the most frequent first, as far as `room` allows.

        Return the groups and the cells of the units that are left.
        """
        cells = self.cells
        levels, level = np.unique(cells.count, return_inverse=True)
        counts = np.bincount(cells.unit * len(levels) + level, minlength=cells.n_units * len(levels))
        kinds, kind, units = np.unique(
            counts.reshape(cells.n_units, len(levels)), axis=0, return_inverse=True, return_counts=True
        )
        width = self.raters + self._columns.shape[1]
        groups: list[Group] = []
        remainder = np.ones(len(cells.mean), dtype=bool)
        for code in np.argsort(-units, kind="stable"):
            level_codes = np.flatnonzero(kinds[code])
            room -= width**2 * (len(level_codes) + len(level_codes) ** 2)
            if room < 0:
                break
            rows = kind.reshape(-1)[cells.unit] == code
            groups.append(self._sum(rows, levels[level_codes], kinds[code][level_codes], int(units[code])))
            remainder &= ~rows
        return groups, remainder

    def _sum(self, mask: NDArray[np.bool_], levels: Values, cells_of_level: Codes, units: int) -> Group:
        ones = np.ones(len(self.cells.mean))
        masks = [mask & (self.cells.count == level) for level in levels]
        rows = [self._rows(part, ones) for part in masks]
        pairs = np.array([[(first.T @ second).toarray() for second in rows] for first in rows])
        return Group(levels, cells_of_level, units, np.array([self._cross(part, ones) for part in masks]), pairs)

    def absorb(self, ratios: Ratios) -> tuple[Matrix, float]:
        """Return G'V^-1 G and log|V| with units in V and raters not yet, in units of the residual variance."""
        width = self.raters + self._columns.shape[1]
        products, logdet = np.zeros((width, width)), 0.0
        for group in self._groups:
            w = 1 / (ratios.interaction + 1 / group.levels)
            total = float(group.cells @ w)
            # The inverse of a unit's block in closed form (Sherman-Morrison), so that no block is ever made.
            shrink = ratios.unit / (1 + ratios.unit * total)
            products += np.tensordot(w, group.within, 1) - shrink * np.tensordot(np.outer(w, w), group.between, 2)
            logdet += group.units * float(np.log1p(ratios.unit * total) + group.cells @ np.log(group.levels / w))
        remainder = self._remainder
        if remainder.any():
            count = self.cells.count
            weight = 1 / (ratios.interaction + 1 / count)
            totals = sums(self.cells.unit[remainder], weight[remainder], self.cells.n_units)
            totals = totals[np.unique(self.cells.unit[remainder])]
            rows = self._rows(remainder, weight)
            scaled_rows = rows.multiply(np.sqrt(ratios.unit / (1 + ratios.unit * totals))[:, None]).tocsr()
            products += self._cross(remainder, weight) - (scaled_rows.T @ scaled_rows).toarray()
            logdet += float(np.log1p(ratios.unit * totals).sum() + np.log(count[remainder] / weight[remainder]).sum())
        return products, logdet

    def solve(self, ratios: Ratios) -> Solution:
        """Return the generalised least squares solution at these ratios."""
        products, logdet = self.absorb(ratios)
        r = self.raters
        # Not M + I / ratio, since the ratio may be 0.
        inner = np.eye(r) + ratios.rater * products[:r, :r]
        factor = scipy.linalg.cho_factor(inner, lower=True) if r else (inner, True)
        border = products[:r, r:]
        fixed_block = products[r:, r:]
        if r:
            logdet += 2 * float(np.log(np.diag(factor[0])).sum())
            fixed_block = fixed_block - ratios.rater * border.T @ scipy.linalg.cho_solve(factor, border)
        fixed_factor = scipy.linalg.cho_factor(fixed_block[:-1, :-1], lower=True)
        beta = scipy.linalg.cho_solve(fixed_factor, fixed_block[:-1, -1])
        # What repeats differ by within a cell went with their mean, and belongs to the residual.
        squares = float(fixed_block[-1, -1] - fixed_block[:-1, -1] @ beta) + self.cells.within
        free = self.cells.n_ratings - len(beta)
        logdet += 2 * float(np.log(np.diag(fixed_factor[0])).sum())
        # Raters who agree exactly leave no residual, and the logarithm must stay finite.
        deviance = free * (1 + np.log(2 * np.pi * max(squares, 1e-300) / free)) + logdet
        return Solution(self, ratios, beta, fixed_factor[0], factor[0], products[:r], squares / free, float(deviance))


@dataclass(frozen=True)
class Solution:
    """The model solved at given ratios: fixed effects `beta`, residual variance, REML deviance."""

    model: CrossedModel
    ratios: Ratios
    beta: Values
    fixed_factor: Matrix
    rater_factor: Matrix
    rater_products: Matrix
    residual: float
    deviance: float

    @cached_property
    def beta_covariance(self) -> Matrix:
        """Return the covariance of the fixed effects, the variances taken as known."""
        p = len(self.beta)
        return np.asarray(self.residual * scipy.linalg.cho_solve((self.fixed_factor, True), np.eye(p)))

    @cached_property
    def rater_shrinkage(self) -> Matrix:
        """Return (M + I / ratio)^-1 over raters: their conditional covariance in residual variances."""
        r = self.model.raters
        return np.asarray(self.ratios.rater * scipy.linalg.cho_solve((self.rater_factor, True), np.eye(r)))

    @cached_property
    def rater_effects(self) -> Values:
        """Return the raters' best linear unbiased predictions."""
        r = self.model.raters
        if not r:
            return np.zeros(0)
        return np.asarray(
            self.rater_shrinkage @ (self.rater_products[:, -1] - self.rater_products[:, r:-1] @ self.beta)
        )

    @cached_property
    def weight(self) -> Values:
        """Return each cell's weight: one over its own variance in residual variances."""
        return np.asarray(1 / (self.ratios.interaction + 1 / self.model.cells.count))

    @cached_property
    def _unit_shrinkage(self) -> Values:
        total = np.bincount(self.model.cells.unit, self.weight, self.model.cells.n_units)
        return np.asarray(self.ratios.unit / (1 + self.ratios.unit * total))

    @cached_property
    def unit_effects(self) -> Values:
        """Return the units' best linear unbiased predictions: means corrected for who rated, and shrunken."""
        cells = self.model.cells
        residuals = cells.mean - cells.design @ self.beta
        if self.model.raters:
            residuals = residuals - self.rater_effects[cells.rater]
        return np.asarray(self._unit_shrinkage * np.bincount(cells.unit, self.weight * residuals, cells.n_units))

    @cached_property
    def unit_errors(self) -> Values:
        """Return the units' conditional standard deviations, variances and fixed effects taken as known."""
        cells, shrink = self.model.cells, self._unit_shrinkage
        variance = shrink.copy()
        if self.model.raters:
            rows = scipy.sparse.csr_array(
                (self.weight, (cells.unit, cells.rater)), shape=(cells.n_units, cells.n_raters)
            )
            root = rows @ np.linalg.cholesky(self.rater_shrinkage) if self.ratios.rater else np.zeros((1, 1))
            variance = variance + shrink**2 * (root**2).sum(axis=1)
        return np.asarray(np.sqrt(self.residual * variance))

    def inverse(self, vector: Values) -> Values:
        """Return V^-1 of a vector over cells."""
        cells, w = self.model.cells, self.weight

        def without_raters(v: Values) -> Values:
            sums = self._unit_shrinkage * np.bincount(cells.unit, w * v, cells.n_units)
            return np.asarray(w * (v - sums[cells.unit]))

        result = without_raters(vector)
        if self.model.raters:
            by_rater = self.rater_shrinkage @ np.bincount(cells.rater, result, cells.n_raters)
            result = result - without_raters(by_rater[cells.rater])
        return result / self.residual

    def project(self, vector: Values) -> Values:
        """Return P of a vector over cells: V^-1 once the fixed effects are taken out."""
        design = self.model.cells.design
        result = self.inverse(vector)
        beta = self.beta_covariance @ (design.T @ result)
        return result - self.inverse(design @ beta)

    def information(self) -> tuple[tuple[str, ...], Matrix]:
        """Return the names of the components and the average information of their variances."""
        cells = self.model.cells
        projection = self.project(cells.mean)
        working_variates = {"unit": sums(cells.unit, projection, cells.n_units)[cells.unit]}
        if self.model.raters:
            working_variates["rater"] = sums(cells.rater, projection, cells.n_raters)[cells.rater]
        if cells.has_repeats:
            working_variates["interaction"] = projection
        working_variates["residual"] = projection / cells.count
        variates = np.stack(list(working_variates.values()))
        information = variates @ np.stack([self.project(vector) for vector in variates]).T / 2
        # Repeats within cells tell of the residual too.
        information[-1, -1] += cells.within / self.residual**3 / 2
        # Rounding leaves the matrix not quite symmetric, which its eigenvalues would not forgive.
        return tuple(working_variates), (information + information.T) / 2
