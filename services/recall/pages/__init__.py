"""The pages of recall: the console's and the public's."""

from services.recall.pages import case, console, public

# The search and the radius come before the case, whose address would match theirs.
ROUTERS = (console.router, case.router, public.router)
