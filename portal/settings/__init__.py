"""Every setting, from the environment. `docs/running.md` says what each is for."""

from __future__ import annotations

from portal.settings.authorization import *
from portal.settings.defences import *
from portal.settings.engines import *
from portal.settings.environment import *
from portal.settings.evidence import *
from portal.settings.logs import *
from portal.settings.pages import *
from portal.settings.parts import *
from portal.settings.people import *
from portal.settings.programs import *
from portal.settings.schedule import *
