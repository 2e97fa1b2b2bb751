"""互动参与: what the public and offices ask for and say about data: demands, corrections, comments, ratings, reuse."""
