"""The names of ministack that the bridge stands on.

They are private, so the version is pinned exactly, and every one of them is looked up before anything is registered: a
name that is gone stops the start and is named, instead of failing in the middle of somebody's workflow.
"""

import importlib
from importlib.metadata import PackageNotFoundError, version

PINNED = "1.5.33"

NAMES = {
    "ministack.app": ("SERVICE_HANDLERS", "SERVICE_REGISTRY", "_ct_event_name", "_dispatch_service_request", "app"),
    "ministack.core.arn": ("parse_arn",),
    "ministack.core.iam_actions": (
        "access_denied_response",
        "extract_iam_action",
        "extract_resource_arn",
        "identity_denial_message",
        "request_tag_context",
    ),
    "ministack.core.iam_evaluator": (
        "EvalContext",
        "_action_matches",
        "_conditions_met",
        "_resource_matches",
        "_service_principal_matches",
        "caller_arn",
        "enforce",
        "evaluate_resource_policy",
    ),
    "ministack.core.responses": (
        "AccountRegionScopedDict",
        "AccountScopedDict",
        "_BOTOCORE_NAME",
        "_service_model",
        "error_response_json",
        "get_account_id",
        "get_region",
        "request_scope",
    ),
    "ministack.core.router": ("_is_aws_service_name", "extract_access_key_id"),
    "ministack.services.athena": (
        "_Cursor",
        "_CreateTable",
        "_STORED_AS",
        "_column_list",
        "_create_table_input",
        "_create_workgroup",
        "_delete_workgroup",
        "_execution_out",
        "_executions",
        "_get_query_execution",
        "_get_query_results",
        "_get_workgroup",
        "_named_queries",
        "_parse_ddl",
        "_prepared_statements",
        "_start_query_execution",
        "_stop_query_execution",
        "_update_workgroup",
        "_workgroups",
    ),
    "ministack.services.cloudtrail": ("_get_event_queue", "record_event"),
    "ministack.services.cloudwatch": (
        "_alarms",
        "_calc_stats",
        "_dims_from_list",
        "_dims_key",
        "_dispatch_alarm_actions",
        "_evaluate_alarm",
        "_evaluate_parent_alarms",
        "_json_timestamp",
        "_json_timestamps",
        "_metric_bucket",
        "_metrics",
        "_record_history",
        "_stat_value",
        "record_metric",
    ),
    "ministack.services.cloudwatch_logs": (
        "_collect_query_records",
        "_create_log_stream",
        "_log_groups",
        "_public_log_record",
        "_put_log_events",
        "_queries",
        "_resolve_query_log_groups",
        "_resource_policies",
        "_start_query",
    ),
    "ministack.services.dynamodb": (
        "_add_consumed_capacity",
        "_batch_get_item",
        "_batch_write_item",
        "_execute_statement",
        "_execute_transaction",
        "_transact_get_items",
        "_transact_write_items",
    ),
    "ministack.services.ec2": ("_p", "_parse_ip_permissions", "_sg_rule_xml"),
    "ministack.services.ecr": ("_get_authorization_token",),
    "ministack.services.efs": ("_delete_file_system",),
    "ministack.services.eventbridge": (
        "_dispatch_to_sqs",
        "_cron_next_fire",
        "_ensure_default_bus",
        "_invoke_target",
        "_matches_pattern_view",
        "_parse_cron_fields",
        "_parse_rate_seconds",
        "_put_events",
        "_rule_key",
        "_rules",
        "_targets",
        "_tick_scheduled_rules",
        "_validate_target_arn",
    ),
    "ministack.services.glue": (
        "_batch_delete_table",
        "_batch_update_partition",
        "_create_database",
        "_create_partition",
        "_create_table",
        "_databases",
        "_delete_database",
        "_delete_partition",
        "_delete_table",
        "_partitions",
        "_tables",
        "_update_table",
    ),
    "ministack.services.iam": ("_gen_secret", "_gen_session_access_key", "_gen_session_token", "_roles"),
    "ministack.services.lambda_svc": (
        "_account_region_from_function_config",
        "_acquire_execution_slot",
        "_create_function",
        "_emit_lambda_metrics",
        "_event_invoke_config",
        "_execute_function",
        "_execute_function_with_config_scope",
        "_execution_record_for_config",
        "_function_config_scope_mismatch",
        "_functions",
        "_get_func_record_for_ref",
        "_inflight",
        "_invoke",
        "_release_execution_slot",
        "_reserved_concurrency",
        "_resolve_layer_zip",
        "_run_with_function_config_scope",
        "_throttle_response",
        "_update_config",
        "_xray_trace_id_for_invocation",
        "invalidate_worker",
        "invoke_async_with_retry",
    ),
    "ministack.services.s3": (
        "_bucket_owner_account",
        "_buckets",
        "_deliver_event_to_lambda",
        "_get_object_data",
        "_put_object",
    ),
    "ministack.services.scheduler": ("_SCHEDULE_TICK_INTERVAL", "_schedules", "_tick_schedules", "_to_epoch"),
    "ministack.services.sns": ("_deliver_to_lambda", "_lambda_svc"),
    "ministack.services.sqs": ("_queue_by_arn",),
    "ministack.services.sts": ("_role_id", "register_session"),
}


class Incompatible(Exception):
    """This ministack is not the one that the bridge was written for."""


def check_version() -> None:
    """Raises Incompatible unless exactly the pinned ministack is installed."""
    try:
        found = version("ministack")
    except PackageNotFoundError as error:
        raise Incompatible(f"ministack {PINNED} is not installed in this Python environment; run `npm run setup`") from error
    if found != PINNED:
        raise Incompatible(
            f"ministack {found} is installed, but the local cloud needs exactly {PINNED}; run `npm run setup`"
        )


def check_names() -> None:
    """Raises Incompatible, naming every private name that is missing."""
    missing = []
    for module_name, names in NAMES.items():
        try:
            module = importlib.import_module(module_name)
        except ImportError as error:
            missing.append(f"{module_name} ({error})")
            continue
        missing += [f"{module_name}.{name}" for name in names if not hasattr(module, name)]
    if missing:
        raise Incompatible(
            f"ministack {PINNED} lacks what the local cloud's bridge needs: {', '.join(missing)}. "
            "Reinstall the Python environment: remove .venv and run `npm run setup`"
        )
