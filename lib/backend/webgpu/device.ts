/**
 * Finding an adapter that can run the kernels, and a device on it whose errors
 * are noticed: WebGPU reports them apart from the calls that caused them.
 *
 * On Linux without a desktop the Vulkan loader warns that `XDG_RUNTIME_DIR` is
 * invalid; the warning is harmless, and any writable folder as its value ends
 * it.
 *
 * @module
 */

import { OutOfMemoryError } from "../out_of_memory.ts";

/** What the kernels need of a device; WebGPU guarantees the same. */
const BASELINE = {
  maxStorageBuffersPerShaderStage: 8,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupStorageSize: 16384,
  maxComputeWorkgroupsPerDimension: 65535,
  maxStorageBufferBindingSize: 2 ** 27,
  maxBufferSize: 2 ** 28,
} as const;

/** PCI vendors by number, as Deno gives it, and software drivers among them. */
const VENDORS: Readonly<Record<number, string>> = {
  0x1002: "AMD",
  0x106b: "Apple",
  0x10de: "NVIDIA",
  0x13b5: "ARM",
  0x1414: "Microsoft",
  0x1ae0: "Google",
  0x5143: "Qualcomm",
  0x8086: "Intel",
  0x10005: "Mesa",
};

/** Features that could make kernels quicker; whether they do was not measured. */
const UNUSED: readonly GPUFeatureName[] = ["shader-f16", "subgroups"];

/** Offsets of bindings are multiples of it. */
const ALIGNMENT = 256;

/** Most bytes of one buffer: offsets within it stay small whole numbers. */
const LARGEST_BUFFER = 2 ** 32;

/** Most bytes of one binding: kernels index with 32 bits. */
const LARGEST_BINDING = 2 ** 31;

/** Settings of {@linkcode openDevice}. */
export interface DeviceOptions {
  /** Take an adapter that is a CPU: slow, for tests. Otherwise one is refused. */
  readonly software?: boolean;
  /** Have timestamp queries, for profiles. */
  readonly timestamps?: boolean;
}

/** The limits and the description of an adapter, as far as they matter here. */
export type AdapterFacts = Pick<GPUAdapter, "limits" | "info">;

/** What an adapter offers, for people. */
export interface AdapterReport {
  /** The adapter's name. */
  readonly name: string;
  /** Who made it, as far as that is known. */
  readonly vendor: string;
  /** Whether it is a CPU. */
  readonly software: boolean;
  /** What it has of what the kernels need, and what they need. */
  readonly limits: Readonly<Record<string, { has: number; needed: number }>>;
  /** What it offers that the kernels leave alone, as WebGPU names it. */
  readonly unused: readonly string[];
  /** Why the kernels cannot run on it; absent when they can. */
  readonly refusal?: string;
}

/** What went wrong; with the bytes in use when it was for want of memory. */
interface Failure {
  readonly reason: string;
  readonly bytes?: number;
}

/** A device, and the first error it reported. */
export class Device {
  /** The device itself; destroying it ends the backend. */
  readonly gpu: GPUDevice;
  /** The adapter's name. */
  readonly adapter: string;
  /** Whether the adapter is a CPU. */
  readonly software: boolean;
  /** Different for adapters of different makes. */
  readonly identity: string;
  #failure?: Failure;
  #loss?: string;
  #pending: Promise<void>[] = [];
  #closed = false;

  /** Takes over a device; see {@linkcode openDevice}. */
  constructor(gpu: GPUDevice, { info }: AdapterFacts) {
    this.gpu = gpu;
    this.adapter = nameOf(info);
    this.software = isSoftware(info);
    const { vendor, architecture, device, description } = info;
    this.identity = [vendor, architecture, device, description].join(" ");
    gpu.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      const { message } = (event as GPUUncapturedErrorEvent).error;
      this.#fail({ reason: oneLine(message) });
    });
    gpu.lost.then(({ message }) => {
      if (this.#closed) return;
      this.#loss = oneLine(message);
      this.#fail({ reason: `the device was lost (${this.#loss})` });
    });
  }

  /**
   * What the driver says of the device's loss; undefined while there is none, and
   * where a want of memory came before it.
   */
  get loss(): string | undefined {
    return this.#failure?.bytes === undefined ? this.#loss : undefined;
  }

  /**
   * Throws once something has failed: what was computed since is not to be
   * trusted.
   *
   * @throws {Error} With the first failure's reason.
   */
  check(): void {
    if (this.#failure !== undefined) throw errorOf(this.#failure);
  }

  /**
   * Makes something under error scopes; its failure is found by the next
   * {@linkcode Device.settle}.
   *
   * @param what For the message: "the device cannot hold 3.0 MiB more".
   * @param bytes How many bytes are in use, where memory is reserved.
   */
  guarded<T>(what: string, make: () => T, bytes?: number): T {
    const { gpu } = this;
    gpu.pushErrorScope("out-of-memory");
    gpu.pushErrorScope("validation");
    const made = make();
    for (let scope = 0; scope < 2; scope++) {
      const popped = gpu.popErrorScope().then(
        (error) => {
          if (!error) return;
          const reason = `${what}: ${oneLine(error.message)}`;
          this.#fail({ reason, bytes });
        },
        () => {}, // the device is lost, which is reported elsewhere
      );
      this.#pending.push(popped);
    }
    return made;
  }

  /** Waits until every error scope has answered, then checks. */
  async settle(): Promise<void> {
    while (this.#pending.length > 0) {
      await Promise.all(this.#pending.splice(0));
    }
    this.check();
  }

  /** Turns a refusal of the device into the failure behind it, if there is. */
  async explain(error: unknown): Promise<Error> {
    // What says that the device is lost comes after what it refuses.
    await new Promise((resolve) => setTimeout(resolve));
    const reason = oneLine(
      error instanceof Error ? error.message : String(error),
    );
    return errorOf(this.#failure ?? { reason }, error);
  }

  /** Gives the device back. */
  [Symbol.dispose](): void {
    this.#closed = true;
    this.#failure ??= { reason: "the backend was disposed of" };
    this.gpu.destroy();
  }

  /** Keeps the first failure; but want of memory is the cause of others. */
  #fail(failure: Failure): void {
    if (this.#failure?.bytes !== undefined) return;
    if (failure.bytes !== undefined) this.#failure = failure;
    else this.#failure ??= failure;
  }
}

/**
 * Finds an adapter and opens a device on it.
 *
 * @throws {Error} When there is none, only a software one that was not asked
 * for, or one below what the kernels need; says which limit is missing.
 */
export async function openDevice(
  { software = false, timestamps = false }: DeviceOptions = {},
): Promise<Device> {
  const adapter = await requestAdapter(software);
  if (!adapter) {
    throw refusal(
      "no adapter was found; is a Vulkan, Metal or DX12 driver in?",
    );
  }
  checkAdapter(adapter, { software });
  const { limits } = adapter;
  if (timestamps && !adapter.features.has("timestamp-query")) {
    throw refusal(
      `${nameOf(adapter.info)} has no timestamp queries, which a profile needs`,
    );
  }
  try {
    const gpu = await adapter.requestDevice({
      requiredFeatures: timestamps ? ["timestamp-query"] : [],
      requiredLimits: {
        maxBufferSize: Math.min(limits.maxBufferSize, LARGEST_BUFFER),
        maxStorageBufferBindingSize: Math.min(
          limits.maxStorageBufferBindingSize,
          LARGEST_BINDING,
        ),
      },
    });
    return new Device(gpu, adapter);
  } catch (error) {
    throw refusal(oneLine((error as Error).message), error);
  }
}

/**
 * Throws unless an adapter can run the kernels.
 *
 * @param adapter Its limits and description.
 * @param options Whether a software adapter will do.
 *
 * @example
 * ```ts
 * import { OutOfMemoryError } from "../out_of_memory.ts";
import { checkAdapter } from "./device.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const limits = { maxStorageBuffersPerShaderStage: 4 } as GPUSupportedLimits;
 * const info = { description: "Old" } as GPUAdapterInfo;
 * assertThrows(
 *   () => checkAdapter({ limits, info }),
 *   Error,
 *   "Old has a maxStorageBuffersPerShaderStage of 4, and 8 are needed",
 * );
 * ```
 */
export function checkAdapter(
  { limits, info }: AdapterFacts,
  { software = false }: DeviceOptions = {},
): void {
  if (isSoftware(info) && !software) {
    throw refusal(
      `the only adapter, ${nameOf(info)}, is a CPU; the cpu backend is faster`,
    );
  }
  for (const [limit, needed] of Object.entries(BASELINE)) {
    const offered = limits[limit as keyof typeof BASELINE];
    if (offered >= needed) continue;
    throw refusal(
      `${nameOf(info)} has a ${limit} of ${offered}, and ${needed} are needed`,
    );
  }
  const { minStorageBufferOffsetAlignment: alignment } = limits;
  if (alignment > ALIGNMENT) {
    throw refusal(
      `${
        nameOf(info)
      } has a minStorageBufferOffsetAlignment of ${alignment}, ` +
        `and at most ${ALIGNMENT} will do`,
    );
  }
}

/**
 * What the best adapter offers; a CPU only where there is nothing else.
 *
 * @returns Undefined when there is no adapter.
 */
export async function reportAdapter(): Promise<AdapterReport | undefined> {
  const adapter = await requestAdapter(false);
  if (!adapter) return undefined;
  const { info, limits } = adapter;
  const compared = Object.entries(BASELINE).map(([name, needed]) => {
    const has = limits[name as keyof typeof BASELINE];
    return [name, { has, needed }] as const;
  });
  const report = {
    name: nameOf(info),
    vendor: VENDORS[Number(info.vendor)] ?? (info.vendor || "unknown"),
    software: isSoftware(info),
    limits: Object.fromEntries(compared),
    unused: UNUSED.filter((feature) => adapter.features.has(feature)),
  };
  try {
    checkAdapter(adapter, { software: true });
    return report;
  } catch (error) {
    return { ...report, refusal: (error as Error).message };
  }
}

async function requestAdapter(software: boolean): Promise<GPUAdapter | null> {
  const { gpu } = navigator;
  const fallback = software
    ? await gpu?.requestAdapter({ forceFallbackAdapter: true })
    : undefined;
  return fallback ??
    await gpu?.requestAdapter({ powerPreference: "high-performance" }) ?? null;
}

function isSoftware(info: GPUAdapterInfo): boolean {
  return info.isFallbackAdapter === true ||
    /llvmpipe|lavapipe|swiftshader|basic render/i.test(info.description);
}

/** Browsers give no description, and a device to few pages. */
function nameOf(
  { description, vendor, architecture, device }: GPUAdapterInfo,
): string {
  return description ||
    [vendor, device || architecture].filter((part) => part !== "").join(" ");
}

function errorOf({ reason, bytes }: Failure, cause?: unknown): Error {
  const message = `Cannot compute: ${reason}`;
  return bytes === undefined
    ? new Error(message, { cause })
    : new OutOfMemoryError(message, bytes, { cause });
}

function refusal(reason: string, cause?: unknown): Error {
  return new Error(`Cannot start the webgpu backend: ${reason}`, { cause });
}

function oneLine(message: string): string {
  return message.replaceAll(/\s+/g, " ").trim();
}
