"""Pages of filing: for citizens below ``me/apply/``, for the one window below ``work/window/``."""
