// Sizes of tasks: CPU units and MiB, in the spellings that AWS takes ("Task size", Amazon ECS Developer Guide).
import { FARGATE_SIZES } from "../../fargate.js";
import { clientException } from "../errors.js";

const UNITS_OF_A_VCPU = 1024;
const TROUBLESHOOTING = "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.";

/**
 * CPU units of `256`, `.25 vCPU` or `1 vcpu`.
 * @throws ClientException for any other text
 */
export function cpuUnits(text: string): number {
  const [, figure, vcpu] = /^\s*(\d*\.?\d+)\s*(vcpu)?\s*$/i.exec(text) ?? [];
  const units = Number(figure) * (vcpu ? UNITS_OF_A_VCPU : 1);
  if (!Number.isInteger(units) || units <= 0)
    throw clientException(`Invalid 'cpu' setting for task. ${TROUBLESHOOTING}`);
  return units;
}

/**
 * MiB of `512`, `0.5 GB` or `1GB`.
 * @throws ClientException for any other text
 */
export function memoryMiB(text: string): number {
  const [, figure, gigabytes] = /^\s*(\d*\.?\d+)\s*(gb)?\s*$/i.exec(text) ?? [];
  const mebibytes = Number(figure) * (gigabytes ? 1024 : 1);
  if (!Number.isInteger(mebibytes) || mebibytes <= 0)
    throw clientException(`Invalid 'memory' setting for task. ${TROUBLESHOOTING}`);
  return mebibytes;
}

/** @throws ClientException unless Fargate offers this pair */
export function checkFargateSize(cpu: number, memory: number): void {
  if (FARGATE_SIZES.get(cpu / UNITS_OF_A_VCPU)?.includes(memory)) return;
  throw clientException(
    `No Fargate configuration exists for given values: ${cpu} CPU, ${memory} memory. ` +
      "See the Amazon ECS documentation for the valid values.",
  );
}

/** vCPUs of a number of CPU units. */
export const vcpusOf = (units: number): number => units / UNITS_OF_A_VCPU;
