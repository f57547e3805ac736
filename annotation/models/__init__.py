"""The nouns of the flow, each module importing only those listed before it.

tallies → rubrics → images → model_versions → embeddings → campaigns → figures → near_duplicate_pairs →
reference_scores → calibrations → assignments → questions → campaign_images → prefills → runs → annotations → cases →
send_backs → imported → reports → releases → withdrawals → events; erasures and viewing stand by themselves
"""

from .annotations import Annotation, AnnotationQuerySet, Judgement, Origin, Revision
from .append_only import WrittenOnce
from .assignments import Assignment, AssignmentQuerySet
from .calibrations import Anchor, Calibration
from .campaign_images import CampaignImage, CampaignImageQuerySet, Stratum
from .campaigns import PRESET_SHARES, ROLE_NAMES, Arm, Campaign, ConsentWording, Membership, Preset
from .cases import Case, Consensus, ConsensusScore
from .embeddings import ImageEmbedding
from .erasures import Erasure
from .events import Event, EventChain
from .figures import Figures
from .images import Image, NearDuplicateGroup
from .imported import ImportedConsensus, ImportedPrefill
from .model_versions import ModelVersion
from .near_duplicate_pairs import NearDuplicatePair, PairVerdict
from .prefills import Prefill
from .questions import Message
from .reference_scores import ReferenceScore
from .releases import Release
from .reports import AnalysisPlan, Recomputation, Report
from .rubrics import RubricVersion
from .runs import Batch, Run, RunItem
from .send_backs import SendBack, SendBackQuerySet
from .tallies import ImageTally, PersonTally, RunTally
from .viewing import ViewingCheck
from .withdrawals import Withdrawal

__all__ = [
    "PRESET_SHARES",
    "ROLE_NAMES",
    "AnalysisPlan",
    "Anchor",
    "Annotation",
    "AnnotationQuerySet",
    "Arm",
    "Assignment",
    "AssignmentQuerySet",
    "Batch",
    "Calibration",
    "Campaign",
    "CampaignImage",
    "CampaignImageQuerySet",
    "Case",
    "Consensus",
    "ConsensusScore",
    "ConsentWording",
    "Erasure",
    "Event",
    "EventChain",
    "Figures",
    "Image",
    "ImageEmbedding",
    "ImageTally",
    "ImportedConsensus",
    "ImportedPrefill",
    "Judgement",
    "Membership",
    "Message",
    "ModelVersion",
    "NearDuplicateGroup",
    "NearDuplicatePair",
    "Origin",
    "PairVerdict",
    "PersonTally",
    "Prefill",
    "Preset",
    "Recomputation",
    "ReferenceScore",
    "Release",
    "Report",
    "Revision",
    "RubricVersion",
    "Run",
    "RunItem",
    "RunTally",
    "SendBack",
    "SendBackQuerySet",
    "Stratum",
    "ViewingCheck",
    "Withdrawal",
    "WrittenOnce",
]
