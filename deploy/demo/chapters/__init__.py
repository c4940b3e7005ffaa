"""The chapters of the story, in order; what one makes, the next ones use."""

from deploy.demo.chapters.entering import lot_and_diary, product
from deploy.demo.chapters.figures import figures_and_ledger
from deploy.demo.chapters.recalling import recall
from deploy.demo.chapters.stamping import looking_up, stamps

CHAPTERS = (product, lot_and_diary, stamps, looking_up, recall, figures_and_ledger)
