"""Checks requests to Stripe's API against the typed parameters of Stripe's Python library.

Reads a JSON list of requests, each {"method", "path", "query", "body"}, from standard input. Writes a JSON list with a
{"route", "complaints"} for each of them to standard output. With the argument `event-types`, writes a JSON list of the
types of event that a webhook endpoint can have sent instead.
"""

import ast
import importlib
import json
import re
import sys
import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin
from urllib.parse import parse_qsl

import stripe
from stripe._stripe_object import UntypedStripeObject
from stripe.params import WebhookEndpointCreateParams
from typing_extensions import get_type_hints, is_typeddict

KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
NUMBERS = {int: re.compile(r"-?[0-9]+"), float: re.compile(r"-?[0-9]+(\.[0-9]+)?")}


class Malformed(Exception):
    """A form that cannot be read."""


def main():
    if sys.argv[1:] == ["event-types"]:
        json.dump(event_types(), sys.stdout)
        return
    requests = json.load(sys.stdin)
    index = routes(Path(stripe.__file__).parent)
    json.dump([judged(request, index) for request in requests], sys.stdout)


def event_types():
    """The listed values of `enabled_events`, without that for all types."""
    listed = literals(fields_of(WebhookEndpointCreateParams)["enabled_events"])
    return [name for name in listed if name != "*"]


def literals(hint):
    if get_origin(hint) is Literal:
        return list(get_args(hint))
    return [value for option in get_args(hint) for value in literals(option)]


def routes(package):
    """The parameters of each method and path, from the calls that the library's services make."""
    found = {}
    for file in sorted(package.rglob("_*_service.py")):
        text = file.read_text()
        if '"/v1/' not in text:
            continue
        tree = ast.parse(text)
        modules = {
            name.name: node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for name in node.names
        }
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for call in (node for node in ast.walk(function) if is_request(node)):
                method, path = call.args[0].value.upper(), path_of(call.args[1])
                found[method, path] = params_of(function, modules)
    return found


def is_request(node):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "_request"


def path_of(node):
    """The path of "/v1/customers" or of "/v1/customers/{customer}".format(…)."""
    template = node if isinstance(node, ast.Constant) else node.func.value
    return re.sub(r"\{[^}]*\}", "{id}", template.value)


def params_of(function, modules):
    """The module and name of the type of `params`, annotated as Optional["CustomerCreateParams"]."""
    for argument in [*function.args.posonlyargs, *function.args.args]:
        if argument.arg == "params":
            names = [node.value for node in ast.walk(argument.annotation) if isinstance(node, ast.Constant)]
            return modules[names[0]], names[0]
    return None


def judged(request, index):
    method, path = request["method"], request["path"]
    route = route_of(method, path, index)
    if route is None:
        return {"route": f"{method} {path}", "complaints": ["the library has no such request"]}
    complaints = []
    texts = [request["query"], request["body"]]
    if texts[0 if method == "POST" else 1]:
        complaints.append("a POST has its parameters in its body, and others in their query")
    try:
        params = parsed("&".join(text for text in texts if text))
        complaints += against_params(params, index[method, route])
    except Malformed as error:
        complaints.append(str(error))
    return {"route": f"{method} {route}", "complaints": complaints}


def route_of(method, path, index):
    """The route of a path. A fixed part is closer than an id: `/v1/invoices/upcoming` is no invoice."""
    fits = [route for verb, route in index if verb == method and is_of(path.split("/"), route.split("/"))]
    return min(fits, key=lambda route: route.count("{id}"), default=None)


def is_of(path, route):
    return len(path) == len(route) and all(part == "{id}" or part == given for given, part in zip(path, route))


def parsed(text):
    """The nested parameters of a form: objects, whose values are texts, objects, or lists from `key[]`."""
    params = {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict") if text else []
    except ValueError as error:
        raise Malformed(f"the form is malformed: {error}") from error
    for key, value in pairs:
        match = KEY.fullmatch(key)
        if match is None:
            raise Malformed(f"the name {key} is malformed")
        put(params, [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])], value, key)
    return params


def put(params, names, value, key):
    place = params
    for name in names[:-1]:
        place = place.setdefault(name, {}) if isinstance(place, dict) else None
    if not isinstance(place, dict):
        raise Malformed(f"{key} is a value and an object")
    last = names[-1]
    if last == "":
        place.setdefault("", []).append(value)
    elif last in place:
        raise Malformed(f"{key} is given twice")
    else:
        place[last] = value


def against_params(params, reference):
    if reference is None:
        return [f"{name} is not a parameter" for name in params]
    module, name = reference
    return list(against(params, getattr(importlib.import_module(module), name), ""))


def against(value, hint, where):
    """What is wrong with a value of this type."""
    origin, options = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        complaints = [list(against(value, option, where)) for option in closed(options)]
        # The longest says most.
        yield from min(complaints, key=lambda found: (len(found), -max(map(len, found), default=0)))
    elif origin is Literal:
        if value not in options:
            yield f"{where} is not empty" if options == ("",) else f"{where} is {value!r}, which is none of its values"
    elif origin is list:
        yield from against_list(value, options[0], where)
    elif origin is dict:
        yield from against_map(value, options[1], where)
    elif is_typeddict(hint):
        yield from against_object(value, hint, where)
    elif hint is not Any:
        yield from against_text(value, hint, where)


def closed(options):
    """The types of a union that a form can have. Left out: the library's own class for an object, and `str` beside known
    values, which is for those of later versions of the API."""
    has_values = any(get_origin(option) is Literal and set(get_args(option)) != {""} for option in options)
    left_out = {UntypedStripeObject, str} if has_values else {UntypedStripeObject}
    return [option for option in options if left_out.isdisjoint({option, get_origin(option)})]


def against_list(value, item, where):
    items = value
    if isinstance(value, dict):
        items = value.get("") if list(value) == [""] else numbered(value)
    if not isinstance(items, list):
        yield f"{where} is not a list"
        return
    for place, entry in enumerate(items):
        yield from against(entry, item, f"{where}[{place}]")


def numbered(value):
    """The values of `key[0]`, `key[1]` and so on."""
    count = len(value)
    return [value[str(place)] for place in range(count)] if set(value) == set(map(str, range(count))) else None


def against_map(value, item, where):
    if not isinstance(value, dict):
        yield f"{where} is not an object"
        return
    for name, entry in value.items():
        # An empty text is a value there.
        if entry != "":
            yield from against(entry, item, f"{where}[{name}]")


def against_object(value, hint, where):
    if not isinstance(value, dict):
        yield f"{where} is not an object"
        return
    fields = fields_of(hint)
    for name, entry in value.items():
        path = f"{where}[{name}]" if where else name
        if name in fields:
            yield from against(entry, fields[name], path)
        else:
            yield f"{path} is not a parameter"
    for name in hint.__required_keys__ & fields.keys() - value.keys():
        yield f"{where}[{name}] is missing" if where else f"{name} is missing"


def fields_of(hint):
    """The types of an object's fields, without the library's own settings of a request."""
    settings = stripe.RequestOptions.__annotations__
    written = {name: of for name, of in hint.__annotations__.items() if name not in settings}
    module = vars(sys.modules[hint.__module__])
    return get_type_hints(types.SimpleNamespace(__annotations__=written), globalns=module)


def against_text(value, hint, where):
    if not isinstance(value, str):
        yield f"{where} is not a {hint.__name__}"
    elif hint is bool:
        if value not in ("true", "false"):
            yield f"{where} is {value!r}, which is not a bool"
    elif hint in NUMBERS:
        if not NUMBERS[hint].fullmatch(value):
            yield f"{where} is {value!r}, which is not a {hint.__name__}"
    elif hint is not str:
        yield f"{where} is of a type that is not known here: {hint}"
    elif value == "":
        yield f"{where} is empty"


if __name__ == "__main__":
    main()
