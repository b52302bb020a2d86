"""What the history prints, draws, exports and imports."""
