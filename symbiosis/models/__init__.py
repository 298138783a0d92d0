from symbiosis.models.beyond import Chain, Pool, PoolPart
from symbiosis.models.classes import MaterialClass, Service, Unit, WasteChapter, WasteCode
from symbiosis.models.enquiry import Enquiry, Message
from symbiosis.models.knowledge import (
    AddedFitness,
    AddedMaterial,
    AddedTerm,
    AddedUse,
    MatchingRelease,
    ReleaseDifference,
)
from symbiosis.models.listing import Attachment, Listing
from symbiosis.models.match import Match, MatchAnswer
from symbiosis.models.match_run import MatchRun, MatchSlice, StagedMatch
from symbiosis.models.reading import ListingReading, ReadingCorrection
from symbiosis.models.synergy import Synergy, SynergyStep

__all__ = [
    "AddedFitness",
    "AddedMaterial",
    "AddedTerm",
    "AddedUse",
    "Attachment",
    "Chain",
    "Enquiry",
    "Listing",
    "ListingReading",
    "Match",
    "MatchAnswer",
    "MatchRun",
    "MatchSlice",
    "MatchingRelease",
    "MaterialClass",
    "Message",
    "Pool",
    "PoolPart",
    "ReadingCorrection",
    "ReleaseDifference",
    "Service",
    "StagedMatch",
    "Synergy",
    "SynergyStep",
    "Unit",
    "WasteChapter",
    "WasteCode",
]
