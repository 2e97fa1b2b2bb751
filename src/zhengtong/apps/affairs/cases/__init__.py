"""办件:what offices do, side by side and on the clock, with what somebody applied for."""
