"""Update a project from its template."""
