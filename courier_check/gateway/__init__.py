"""The regulator's side: intake, receipts, pull interface, pages."""
