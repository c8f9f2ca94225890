/**
 * What must happen in Redis in one piece. A grant that was sealed in another life of Redis is void, so no crash and no
 * restored copy brings a spent one back; so is one whose asset's or licence's epoch has moved since. The names of epochs
 * are no KEYS: a key of EVAL needs the right to write, and the edge may only read them.
 */

/**
 * Spends grants, one after the other. KEYS: redemptions, then a grant and a lease each. ARGV: boot, lease's milliseconds,
 * then an address and a request id each, then, where any has one, a trace (or '') each. Answers with what was sealed, or false, in the same order.
 *
 * The lines of a sealed grant: its seal, id, boot, asset, licence (or the owner's right), their epochs, subject, tenant, and what the edge reads.
 */
export const SPEND = `
local LINES = '^[^\\n]+\\n%x+\\n(%x+)\\n([^\\n]+)\\n([^\\n]+)\\n(%d+)\\n(%d+)\\n([^\\n]+)\\n([^\\n]+)\\n'
local call, match = redis.call, string.match
local function spend(grant, lease, address, request, trace)
  local sealed = redis.pcall('GETDEL', grant)
  if type(sealed) ~= 'string' then return false end
  local boot, asset, license, assetEpoch, licenseEpoch, subject, tenant = match(sealed, LINES)
  if boot ~= ARGV[1] then return false end
  if (call('GET', 'epoch:asset:' .. asset) or '0') ~= assetEpoch then return false end
  if (call('GET', 'epoch:license:' .. license) or '0') ~= licenseEpoch then return false end
  call('SET', lease, sealed, 'PX', ARGV[2])
  if trace and trace ~= '' then
    call('XADD', KEYS[1], '*', 'subject', subject, 'tenant', tenant, 'asset', asset, 'address', address, 'request', request, 'trace', trace)
  else
    call('XADD', KEYS[1], '*', 'subject', subject, 'tenant', tenant, 'asset', asset, 'address', address, 'request', request)
  end
  return sealed
end
local answers = {}
for i = 2, #KEYS, 2 do
  answers[i / 2] = spend(KEYS[i], KEYS[i + 1], ARGV[i + 1], ARGV[i + 2], ARGV[#KEYS + 1 + i / 2])
end
return answers
`;

/** KEYS: lease, its use. ARGV: names and values of both epochs, bytes, budget. */
export const RESERVE = `
if (redis.call('GET', ARGV[1]) or '0') ~= ARGV[2] or (redis.call('GET', ARGV[3]) or '0') ~= ARGV[4] then return 0 end
local rest = redis.call('PTTL', KEYS[1])
if rest <= 0 then return 0 end
local bytes = tonumber(ARGV[5])
local used = tonumber(redis.call('GET', KEYS[2]) or '0')
if used + bytes > tonumber(ARGV[6]) then return 0 end
if bytes > 0 then redis.call('SET', KEYS[2], string.format('%.0f', used + bytes), 'PX', rest) end
return 1
`;

/** KEYS: the lease's use. ARGV: bytes. What has ended is not brought back. */
export const GIVE_BACK = `
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('DECRBY', KEYS[1], ARGV[1]) end
return 0
`;
