"""The pages of recall: the console's and the public's."""

from services.recall.pages import case, complaints, console, public

# The search, the radius and what consumers report come before the case, whose address would match.
ROUTERS = (console.router, complaints.router, case.router, public.router)
