import cf from 'cloudfront';

// Which region a request goes to. CloudFront Functions, JavaScript runtime 2.0, at viewer requests: the only event at which an
// origin can be selected. The word below becomes an object when the template is made (cdn_routing.py):
//   active     the region that takes writes as long as the key-value store does not say otherwise
//   regions    those that have an origin, each called services-<region>
//   readiness  the path that the load balancer itself asks
const SETTINGS = THE_SETTINGS;

const PROBES = '/.well-known/understudy/';

// An origin that does not exist would fail the request, so a value that names none is as good as no value. Nor must a store
// that cannot be read fail it: get() also rejects where there is no key yet, which is so until the first failover.
async function activeRegion() {
    try {
        const region = await cf.kvs().get('active');
        if (SETTINGS.regions.indexOf(region) >= 0) {
            return region;
        }
        console.log('not a region of ours: ' + region);
    } catch (error) {
        console.log('store not read: ' + error);
    }
    return SETTINGS.active;
}

function answer(statusCode, statusDescription, text) {
    return {
        statusCode: statusCode,
        statusDescription: statusDescription,
        headers: {
            'cache-control': { value: 'no-store' },
            'content-type': { value: 'text/plain; charset=utf-8' }
        },
        body: { encoding: 'text', data: text }
    };
}

// Probes. /<region> asks that region, whatever is active; /active says what this edge location takes for active.
async function probed(request) {
    const asked = request.uri.substring(PROBES.length);
    if (asked === 'active') {
        const region = await activeRegion();
        return answer(200, 'OK', region);
    }
    if (SETTINGS.regions.indexOf(asked) < 0) {
        return answer(404, 'Not Found', 'no such region');
    }
    cf.selectRequestOriginById('services-' + asked);
    request.uri = SETTINGS.readiness;
    request.querystring = {};
    return request;
}

async function handler(event) {
    const request = event.request;
    if (request.uri.indexOf(PROBES) === 0) {
        const result = await probed(request);
        return result;
    }
    const region = await activeRegion();
    cf.selectRequestOriginById('services-' + region);
    return request;
}
