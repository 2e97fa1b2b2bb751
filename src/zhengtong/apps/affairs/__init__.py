"""What people come for: items, filing, cases, licences, and who stands before us."""
