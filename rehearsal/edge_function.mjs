// The inside of a CloudFront Function's process: `node edge_function.mjs`, with the function's code and the distribution's
// origins as the first line of its input, then one line per event; one line per answer comes back.
//
// It plays what the function has of CloudFront: the module `cloudfront` of JavaScript runtime 2.0, whose kvs().get() rejects
// when there is no such key, and whose selectRequestOriginById() fails for an origin that the distribution does not have.
import { createInterface } from 'node:readline';
import vm from 'node:vm';

const IMPORT = "import cf from 'cloudfront';";

function loaded(code, origins, heard) {
    if (!code.startsWith(IMPORT)) {
        throw new Error(`the first line has to be: ${IMPORT}`);
    }
    const cf = {
        kvs: () => ({
            get: async (key) => {
                heard.reads += 1;
                if (heard.store === null) {
                    throw new Error('the key-value store cannot be read');
                }
                if (!Object.hasOwn(heard.store, key)) {
                    throw new Error('KeyNotFoundError');
                }
                return heard.store[key];
            },
        }),
        selectRequestOriginById: (id) => {
            if (!origins.includes(id)) {
                throw new Error(`the distribution has no origin ${id}`);
            }
            heard.origin = id;
        },
    };
    const sandbox = vm.createContext({ cf, console: { log: (text) => heard.log.push(String(text)) } });
    return vm.runInContext(`${code.slice(IMPORT.length)}\nhandler`, sandbox);
}

const heard = { store: null, reads: 0, origin: null, log: [] };
let handler = null;
for await (const line of createInterface({ input: process.stdin })) {
    const given = JSON.parse(line);
    let answer = {};
    try {
        if (handler === null) {
            handler = loaded(given.code, given.origins, heard);
        } else {
            Object.assign(heard, { store: given.store, reads: 0, origin: null, log: [] });
            const result = await handler(given.event);
            answer = { origin: heard.origin, reads: heard.reads, log: heard.log, result };
        }
    } catch (error) {
        answer = { error: String(error) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
}
