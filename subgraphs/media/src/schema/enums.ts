import { registerEnumType } from 'type-graphql';

export const AssetKind = {
  IMAGE: 'IMAGE',
  VIDEO: 'VIDEO',
  AUDIO: 'AUDIO',
  DOCUMENT: 'DOCUMENT',
  ARCHIVE: 'ARCHIVE',
  PLUGIN: 'PLUGIN',
} as const;
export type AssetKind = keyof typeof AssetKind;

export const AssetState = {
  AWAITING_UPLOAD: 'AWAITING_UPLOAD',
  RECEIVED: 'RECEIVED',
  SCANNING: 'SCANNING',
  INSPECTING: 'INSPECTING',
  CLASSIFYING: 'CLASSIFYING',
  RENDERING: 'RENDERING',
  READY: 'READY',
  QUARANTINED: 'QUARANTINED',
  REJECTED: 'REJECTED',
  EXPIRED: 'EXPIRED',
  DELETED: 'DELETED',
} as const;
export type AssetState = keyof typeof AssetState;

export const Stage = {
  RECEIVE: 'RECEIVE',
  SNIFF: 'SNIFF',
  SCAN: 'SCAN',
  INSPECT: 'INSPECT',
  MATCH: 'MATCH',
  CLASSIFY: 'CLASSIFY',
  DECIDE: 'DECIDE',
  RENDER: 'RENDER',
  PUBLISH: 'PUBLISH',
} as const;
export type Stage = keyof typeof Stage;

export const Verdict = { PASS: 'PASS', FAIL: 'FAIL', UNKNOWN: 'UNKNOWN' } as const;
export type Verdict = keyof typeof Verdict;

export const ModerationVerdict = { RELEASE: 'RELEASE', REJECT: 'REJECT', RETRY: 'RETRY' } as const;
export type ModerationVerdict = keyof typeof ModerationVerdict;

export const Visibility = { PRIVATE: 'PRIVATE', TENANT: 'TENANT', MARKETPLACE: 'MARKETPLACE' } as const;
export type Visibility = keyof typeof Visibility;

export const UploadVisibility = { PRIVATE: 'PRIVATE', TENANT: 'TENANT' } as const;
export type UploadVisibility = keyof typeof UploadVisibility;

export const AssetEventType = {
  CREATED: 'CREATED',
  FINALIZED: 'FINALIZED',
  STATE_CHANGED: 'STATE_CHANGED',
  PROGRESS: 'PROGRESS',
  STAGE_FINISHED: 'STAGE_FINISHED',
  DECIDED: 'DECIDED',
  MODERATED: 'MODERATED',
  PUBLISHED: 'PUBLISHED',
  EXPIRED: 'EXPIRED',
  DELETED: 'DELETED',
} as const;
export type AssetEventType = keyof typeof AssetEventType;

registerEnumType(AssetKind, { name: 'AssetKind', description: 'What sort of thing an asset is, told by its content.' });
registerEnumType(AssetState, {
  name: 'AssetState',
  description: 'Where an asset is on its way. READY, QUARANTINED, REJECTED, EXPIRED and DELETED are states of rest.',
  valuesConfig: {
    AWAITING_UPLOAD: { description: 'The form is signed; the bytes, or finalizeUpload, are still to come.' },
    RECEIVED: { description: 'The stored version is pinned, and intake is about to read it.' },
    SCANNING: { description: 'Size, digest and type are told from the bytes, and the malware scanner reads them.' },
    INSPECTING: { description: 'The content is decoded, in a sandbox, within its limits.' },
    CLASSIFYING: { description: 'The content is held against the block list and shown to the classifier.' },
    RENDERING: { description: 'It was decided that the asset may be seen; previews are being made.' },
    READY: { description: 'It can be previewed, published, licensed and downloaded.' },
    QUARANTINED: { description: 'A moderator has to look at it. Nobody else can read the bytes, its owner included.' },
    REJECTED: { description: 'It will not be taken. The decision names why.' },
    EXPIRED: { description: 'The form expired before the upload was finalized.' },
    DELETED: { description: 'A tombstone: the bytes go, what was found out about them stays.' },
  },
});
registerEnumType(Stage, { name: 'Stage', description: 'A stage of intake, in the order in which they run.' });
registerEnumType(Verdict, {
  name: 'Verdict',
  description: 'What a stage says. UNKNOWN means that it could not answer, and is never a pass.',
});
registerEnumType(ModerationVerdict, {
  name: 'ModerationVerdict',
  description: 'What a moderator decides.',
  valuesConfig: {
    RELEASE: {
      description:
        'It may be seen after all. Only for what passed RECEIVE, SNIFF, SCAN and INSPECT: an opinion can be overridden, malware cannot.',
    },
    REJECT: { description: 'It will not be taken; or, of what is on the marketplace already, it is taken down.' },
    RETRY: { description: 'The stages that stayed UNKNOWN run again.' },
  },
});
registerEnumType(Visibility, {
  name: 'Visibility',
  description: 'Who may see an asset that is READY. What is not READY is seen as PRIVATE.',
  valuesConfig: {
    PRIVATE: { description: 'Its owner, and the admins of its tenant.' },
    TENANT: { description: 'Everybody in its tenant.' },
    MARKETPLACE: { description: 'Everybody, signed in or not.' },
  },
});
registerEnumType(UploadVisibility, {
  name: 'UploadVisibility',
  description:
    'The visibility that an upload begins with. The marketplace is reached by publishAsset, once it is READY.',
});
registerEnumType(AssetEventType, {
  name: 'AssetEventType',
  description: 'What an event tells.',
  valuesConfig: {
    CREATED: { description: 'The upload was registered.' },
    FINALIZED: { description: 'The upload was finalized and pinned.' },
    STATE_CHANGED: { description: 'Intake went on to the next state.' },
    PROGRESS: { description: 'How far the running stage is.' },
    STAGE_FINISHED: { description: 'A stage left its evidence; the verdict comes with the event.' },
    DECIDED: { description: 'Intake decided what becomes of the asset.' },
    MODERATED: { description: 'A moderator decided.' },
    PUBLISHED: { description: 'The visibility changed.' },
    EXPIRED: { description: 'The form expired unused.' },
    DELETED: { description: 'The asset was deleted.' },
  },
});
