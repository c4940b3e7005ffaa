"""The web side all services share: app factory, sessions, forms, pages, problems, languages."""
