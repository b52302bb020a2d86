"""Documentation: pages generated from the project, the guide, and the plugin that builds them."""
