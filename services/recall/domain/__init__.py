"""The rules of recalls: what is aimed at, how far it reaches, who may decide what, and when."""
