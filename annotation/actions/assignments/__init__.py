"""Who judges which image next: places, orders, leases, calibration before the first image."""
