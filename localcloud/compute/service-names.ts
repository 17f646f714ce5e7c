// ministack's names of the services that the compute plane owns. Apart from their code, so that the bridge can register
// its proxies while that is still loading.

export const SERVICE_NAMES: readonly string[] = ["batch", "states", "glue", "ecs"];
