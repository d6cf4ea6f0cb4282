// Reads a DMN document by dmn-moddle, and writes it anew: node moddle.mjs FILE NEW > WHAT IT HAS
import { readFileSync, writeFileSync } from "node:fs";
import { DmnModdle } from "dmn-moddle";

const moddle = new DmnModdle();
const { rootElement, warnings } = await moddle.fromXML(readFileSync(process.argv[2], "utf8"), "dmn:Definitions");
writeFileSync(process.argv[3], (await moddle.toXML(rootElement, { format: true })).xml);
const decisions = rootElement.drgElement.filter((one) => one.$type === "dmn:Decision");
process.stdout.write(JSON.stringify({
  warnings: warnings.map((one) => one.message),
  tables: decisions.map(({ name, question, decisionLogic }) => ({
    name,
    question,
    hitPolicy: decisionLogic.hitPolicy,
    rules: (decisionLogic.rule || []).map((rule) => rule.description),
  })),
}));
