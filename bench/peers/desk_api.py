"""A desk of `examples/two_desks` as an OpenAPI description, for tools that test from one."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

KINDS = ["TimeEntry", "Note", "Charge", "Attachment"]
STATUSES = ["Unsent", "Assigned", "Declined", "Canceled", "Accepted", "In Progress", "Waiting Approval", "Complete"]
ACTIONS = ["outsource", "cancel", "approve completion", "reject completion", "complete"]
REFERENCE = {"type": "object", "required": ["reference"], "properties": {"reference": {"type": "string"}}}
ITEM = {
    "type": "object",
    "required": ["reference", "kind", "text"],
    "properties": {"reference": {"type": "string"}, "kind": {"enum": KINDS}, "text": {"type": "string"}},
}
TICKET = {
    "type": "object",
    "required": ["outsource_status", "items", "emails"],
    "properties": {
        "outsource_status": {"enum": STATUSES},
        "items": {"type": "array", "items": ITEM},
        "emails": {"type": "array"},
    },
}
ERROR = {"type": "object", "required": ["error"]}
TICKET_IN_PATH = {"name": "ticket", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
ITEM_IN_PATH = {"name": "item", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _answers(schema: Json, links: Json | None = None) -> Json:
    refused = {code: {"description": "no", "content": _json(ERROR)} for code in ("400", "404", "409", "422")}
    return {"200": {"description": "done", "content": _json(schema), "links": links or {}}, **refused}


def _json(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def _body(properties: Json, *required: str) -> Json:
    schema = {"type": "object", "properties": properties, "required": [*required], "additionalProperties": False}
    return {"required": True, "content": _json(schema)}


def _link(operation: str, parameters: Json) -> Json:
    return {operation: {"operationId": operation, "parameters": parameters}}


def description() -> Json:
    """The description of the lead's desk, with links from each answer to what can be done with it."""
    text = {"text": {"type": "string"}}
    publish = {"publish": {"enum": ["ALL_USERS", "INTERNAL_USERS"]}}
    opened = {"ticket": "$response.body#/reference"}
    links: Json = {}
    for operation in ("show", "act", "note", "charge"):
        links |= _link(operation, opened)
    made = {"ticket": "$request.path.ticket", "item": "$response.body#/reference"}
    changes = {**_link("edit", made), **_link("delete", made)}
    shown = _link("show", {"ticket": "$request.path.ticket"})
    acted = {"operationId": "act", "requestBody": _body({"action": {"enum": ACTIONS}}, "action")}
    note = {"operationId": "note", "requestBody": _body(text | publish)}
    edit = {"operationId": "edit", "requestBody": _body(text, "text"), "responses": _answers({"type": "object"})}
    in_ticket = {"parameters": [TICKET_IN_PATH]}
    return {
        "openapi": "3.0.3",
        "info": {"title": "a desk", "version": "1"},
        "paths": {
            "/tickets": {
                "post": {
                    "operationId": "open",
                    "requestBody": _body({"title": {"type": "string"}}, "title"),
                    "responses": _answers(REFERENCE, links),
                }
            },
            "/tickets/{ticket}": {"get": {"operationId": "show", "responses": _answers(TICKET)}, **in_ticket},
            "/tickets/{ticket}/outsourcing": {
                "post": {
                    **acted,
                    "responses": _answers({"type": "object"}, shown),
                },
                **in_ticket,
            },
            "/tickets/{ticket}/notes": {"post": {**note, "responses": _answers(REFERENCE, changes)}, **in_ticket},
            "/tickets/{ticket}/charges": {
                "post": {
                    "operationId": "charge",
                    "requestBody": _body(text),
                    "responses": _answers(REFERENCE, changes),
                },
                **in_ticket,
            },
            "/tickets/{ticket}/items/{item}": {
                "patch": edit,
                "delete": {"operationId": "delete", "responses": _answers({"type": "object"})},
                "parameters": [TICKET_IN_PATH, ITEM_IN_PATH],
            },
        },
    }
