"""Commands of the template's maintainers."""
