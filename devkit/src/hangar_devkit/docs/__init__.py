"""The documentation: pages made from what the project already knows, and how they are built."""
