"""Natural persons and companies as users: who they are, how surely we know it, and who acts for whom."""
