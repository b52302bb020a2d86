"""What the template's maintainers and adopters run: releases, adoption."""
