from symbiosis.forms.enquiry import EnquiryForm, ReplyForm
from symbiosis.forms.listing import AttachmentForm, CloseForm, ListingForm, ProlongForm, ReasonForm
from symbiosis.forms.match import MatchAnswerForm
from symbiosis.forms.synergy import RealiseForm, SynergyEditForm, SynergyForm, SynergyStepForm

__all__ = [
    "AttachmentForm",
    "CloseForm",
    "EnquiryForm",
    "ListingForm",
    "MatchAnswerForm",
    "ProlongForm",
    "RealiseForm",
    "ReasonForm",
    "ReplyForm",
    "SynergyEditForm",
    "SynergyForm",
    "SynergyStepForm",
]
