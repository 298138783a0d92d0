from symbiosis.models.classes import MaterialClass, Service, Unit, WasteChapter, WasteCode
from symbiosis.models.enquiry import Enquiry, Message
from symbiosis.models.listing import Attachment, Listing
from symbiosis.models.match import Match, MatchAnswer
from symbiosis.models.synergy import Synergy, SynergyStep

__all__ = [
    "Attachment",
    "Enquiry",
    "Listing",
    "Match",
    "MatchAnswer",
    "MaterialClass",
    "Message",
    "Service",
    "Synergy",
    "SynergyStep",
    "Unit",
    "WasteChapter",
    "WasteCode",
]
