// Prints the three jobs of AWS Batch that build an index in parts, with the plan on a file system that all jobs mount:
//
//   node examples/scale-out/aws-batch.ts 8
//
// 8 is the number of parts. Submit each with aws batch submit-job --cli-input-json, and put the id that it prints into the
// dependsOn of the next one. The children of an array start in any order, so the parts have an array of their own and no
// task waits in a job: AWS_BATCH_JOB_ARRAY_INDEX is the number of the part.
import type { SubmitJobCommandInput } from "@aws-sdk/client-batch";

const PLAN = "/index/items/plan.json";
const [QUEUE, DEFINITION] = ["midx", "midx-task"];

const task = (index: string): string => `npx midx build-task ${PLAN} --index ${index}`;

/** Returns a job that runs commands in a shell, each if the one before it succeeded. */
const job = (
  jobName: string,
  commands: readonly string[],
  more: Partial<SubmitJobCommandInput>,
): SubmitJobCommandInput => ({
  jobName,
  jobQueue: QUEUE,
  jobDefinition: DEFINITION,
  containerOverrides: { command: ["sh", "-c", commands.join(" && ")] },
  retryStrategy: { attempts: 3 },
  ...more,
});

/** Returns the jobs for a plan of so many parts, at least two, in the order in which they are submitted. */
export const batchJobs = (parts: number): SubmitJobCommandInput[] => [
  job("midx-train", [task("sample"), task("train")], {}),
  job("midx-parts", [task('part-$(printf %04d "$AWS_BATCH_JOB_ARRAY_INDEX")')], {
    arrayProperties: { size: parts },
    dependsOn: [{ jobId: "the id of midx-train" }],
  }),
  job("midx-commit", [task("measure"), task("commit")], { dependsOn: [{ jobId: "the id of midx-parts" }] }),
];

if (import.meta.main) console.log(JSON.stringify(batchJobs(Number(process.argv[2])), undefined, 2));
