"""Files that an adoption writes, with `{{NAME}}` where the project decides."""
