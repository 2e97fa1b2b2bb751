"""Filing 申报: somebody applies once, with what the government already holds filled in, and a case begins."""
