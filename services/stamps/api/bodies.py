"""Bodies and queries of API calls: the shared fields, their types taken literally.

A program that sends "5" or 5.0 for a number, or true, is told so; a form can send only text.
"""

from typing import Annotated

from fastapi import Query
from pydantic import ConfigDict, Field

from services.stamps import inputs
from services.stamps.domain.requests import MAX_BATCH

_STRICT = ConfigDict(strict=True)

Page = Annotated[int, Query(ge=1, le=100_000)]


class NewRequest(inputs.RequestFields):
    __doc__ = inputs.RequestFields.__doc__
    model_config = _STRICT


class DecideRequest(inputs.DecisionFields):
    __doc__ = inputs.DecisionFields.__doc__
    model_config = _STRICT


class ChoosePrinter(inputs.PrinterFields):
    __doc__ = inputs.PrinterFields.__doc__
    model_config = _STRICT


class WithdrawRequest(inputs.WithdrawFields):
    __doc__ = inputs.WithdrawFields.__doc__
    model_config = _STRICT


class ActivateSerials(inputs.ActivationFields):
    __doc__ = inputs.ActivationFields.__doc__
    model_config = _STRICT


class ChangeSerials(inputs.ChangeFields):
    __doc__ = inputs.ChangeFields.__doc__
    model_config = _STRICT


class UndoRevocation(inputs.UndoFields):
    __doc__ = inputs.UndoFields.__doc__
    model_config = _STRICT


class ReportSale(inputs.SaleFields):
    __doc__ = inputs.SaleFields.__doc__
    model_config = _STRICT


class TakeBackSale(inputs.TakeBackFields):
    __doc__ = inputs.TakeBackFields.__doc__
    model_config = _STRICT


class LookUp(inputs.CodeFields):
    __doc__ = inputs.CodeFields.__doc__
    model_config = _STRICT


class OrderPrint(inputs.PrintFields):
    __doc__ = inputs.PrintFields.__doc__
    model_config = _STRICT


class PrintAgain(inputs.AgainFields):
    __doc__ = inputs.AgainFields.__doc__
    model_config = _STRICT


class PlaceHold(inputs.PlaceFields):
    """A hold on all stamps of a batch."""

    model_config = _STRICT
    batch: Annotated[int, Field(ge=1, le=MAX_BATCH)]


class LiftHold(inputs.HoldFields):
    model_config = _STRICT


class ChangeQuota(inputs.QuotaFields):
    __doc__ = inputs.QuotaFields.__doc__
    model_config = _STRICT
