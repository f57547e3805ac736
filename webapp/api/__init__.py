"""Answer programs, our own pages included: one module per resource."""
