// Prints the Indexed Job that builds an index in parts, with the plan on a volume that all pods share:
//
//   node examples/scale-out/kubernetes.ts 12 | kubectl apply -f -
//
// 12 is the number of tasks: the number of parts and four more. The pods start in the order of their index, which Kubernetes
// puts into JOB_COMPLETION_INDEX, and each waits for the tasks that it needs. A pod that is evicted is started again.
import type { Job } from "kubernetes-types/batch/v1";

const PLAN = "/index/items/plan.json";

/** Returns the job for a plan of so many tasks. */
export const indexedJob = (tasks: number, parallelism = 4): Job => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "midx-build" },
  spec: {
    completionMode: "Indexed",
    completions: tasks,
    parallelism,
    backoffLimitPerIndex: 3,
    template: {
      spec: {
        restartPolicy: "Never",
        containers: [
          {
            name: "task",
            image: "node:24",
            command: ["npx", "midx", "build-task", PLAN, "--wait", "86400"],
            resources: { requests: { cpu: "1", memory: "600Mi" }, limits: { memory: "600Mi" } },
            volumeMounts: [{ name: "index", mountPath: "/index" }],
          },
        ],
        volumes: [{ name: "index", persistentVolumeClaim: { claimName: "index" } }],
      },
    },
  },
});

if (import.meta.main) console.log(JSON.stringify(indexedJob(Number(process.argv[2])), undefined, 2));
