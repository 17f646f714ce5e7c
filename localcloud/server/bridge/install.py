"""Puts the parts of the bridge into ministack, once, before it serves."""

import os

from .alarms import install as install_alarms
from .athena.install import install as install_athena
from .async_invocations import AsyncInvocations
from .content_types import install as install_content_types
from .control import Application
from .dashboards import install as install_dashboards
from .event_metrics import install as install_event_metrics
from .file_systems import install as install_file_systems
from .function_limits import install as install_function_limits
from .function_permissions import install as install_function_permissions
from .function_roots import FunctionRoots
from .functions import Functions
from .holdings import Holdings
from .insights.install import install as install_insights
from .log_streams import install as install_log_streams
from .plane import ComputePlane
from .prefix_lists import install as install_prefix_lists
from .registry import Registry
from .schedule_errors import install as install_schedule_errors
from .services import install as install_services
from .table_metrics import install as install_table_metrics
from .targets import Targets
from .trail import install as install_trail
from .unserved import install as install_unserved


def install(configuration: dict, endpoint: str, on_ready) -> tuple[Application, ComputePlane]:
    """The application to serve and the plane, which is bound to the event loop that serves.

    `configuration`: `services` (ministack's names of those that the compute plane owns), `computeUrl`, `token`.
    """
    services = configuration["services"]
    plane = ComputePlane(configuration["computeUrl"], configuration["token"])
    holdings = Holdings()
    install_services(services, plane, holdings)
    install_content_types()
    install_unserved()
    install_trail()
    install_dashboards()
    install_alarms()
    install_table_metrics()
    install_insights()
    install_log_streams()
    install_prefix_lists()
    # ministack runs in the cloud's data folder.
    install_file_systems(os.path.join(os.getcwd(), "efs"))
    functions = Functions(plane, FunctionRoots(os.path.join(os.environ["STATE_DIR"], "functions")))
    functions.install()
    AsyncInvocations(functions).install()
    install_function_permissions()
    install_function_limits()
    install_athena(plane, os.environ["STATE_DIR"])
    install_schedule_errors()
    targets = Targets(services, plane)
    targets.install()
    install_event_metrics()
    registry = Registry(endpoint, configuration["token"])
    registry.install()
    return Application(configuration["token"], targets, registry, holdings, on_ready), plane
