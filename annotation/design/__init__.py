"""The arithmetic of a study before it starts: arms, orders, planner, precision, calibration. Plain Python."""
