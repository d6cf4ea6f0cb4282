// Decides situations by the tables of a DMN document, with FEEL: node decide.mjs FILE < SITUATIONS > DECISIONS
// A situation is [decision, {variable: value}]; told of it are the rules that match, each with what it says.
import { readFileSync } from "node:fs";
import { DmnModdle } from "dmn-moddle";
import { evaluate, unaryTest } from "feelin";

const text = readFileSync(process.argv[2], "utf8");
const { rootElement } = await new DmnModdle().fromXML(text, "dmn:Definitions");
const tables = new Map(rootElement.drgElement.map((one) => [one.name, one.decisionLogic]));
const value = (result) => (result !== null && typeof result === "object" && "value" in result ? result.value : result);

function decide([name, facts]) {
  const { input = [], rule: rules } = tables.get(name);
  const asked = input.map((one) => value(evaluate(one.inputExpression.text, facts)));
  const matches = (entry, number) =>
    entry.text === "-" || value(unaryTest(entry.text, { "?": asked[number] })) === true;
  return rules.filter((rule) => (rule.inputEntry || []).every(matches)).map((rule) => [
    rule.description.split(":")[0],
    rule.outputEntry.map((entry) => value(evaluate(entry.text, {}))),
  ]);
}

process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(decide)));
