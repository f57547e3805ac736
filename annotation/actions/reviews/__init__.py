"""Cases: opened by rule or flag, and adjudicated."""
