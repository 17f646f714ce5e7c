// Loaded before the tests: the AWS SDK's word on the Node versions of its future has no place in their output.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
