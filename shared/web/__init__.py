"""The web side that all services share: app factory, sessions, forms, pages, problems, languages."""
