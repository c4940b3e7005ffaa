"""Pure ASGI middleware, a module each; `shared/web/app.py` puts them in order."""
