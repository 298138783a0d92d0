from symbiosis.forms.enquiry import EnquiryForm, ReplyForm
from symbiosis.forms.listing import AttachmentForm, CloseForm, ListingForm, ProlongForm, ReasonForm
from symbiosis.forms.match import MatchAnswerForm
from symbiosis.forms.match_figures import PeriodForm
from symbiosis.forms.reading import CorrectionForm, ReadingSearchForm
from symbiosis.forms.synergy import RealiseForm, SynergyEditForm, SynergyForm, SynergyStepForm

__all__ = [
    "AttachmentForm",
    "CloseForm",
    "CorrectionForm",
    "EnquiryForm",
    "ListingForm",
    "MatchAnswerForm",
    "PeriodForm",
    "ProlongForm",
    "ReadingSearchForm",
    "RealiseForm",
    "ReasonForm",
    "ReplyForm",
    "SynergyEditForm",
    "SynergyForm",
    "SynergyStepForm",
]
