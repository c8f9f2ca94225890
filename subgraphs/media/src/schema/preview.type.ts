import { DateTimeScalar } from '@assay/subgraph';
import { Directive, Field, Int, ObjectType } from 'type-graphql';

@ObjectType('PreviewSize', { description: 'One size of a preview.' })
export class PreviewSizeType {
  @Field(() => String, { description: 'Absolute; good until the preview expires.' })
  url: string;

  @Field(() => Int, { description: 'In pixels.' })
  width: number;

  @Field(() => Int, { description: 'In pixels.' })
  height: number;
}

@ObjectType('Preview', {
  description: 'A picture of an asset that is not the asset: watermarked, or blurred for moderators.',
})
export class PreviewType {
  @Field(() => String, {
    description:
      'The widest size, absolute. Of `preview` it is signed, good for 15 minutes, and needs no cookie or token.',
  })
  url: string;

  @Field(() => Int, { description: 'Of the widest size, in pixels.' })
  width: number;

  @Field(() => Int, { description: 'Of the widest size, in pixels.' })
  height: number;

  @Field(() => String, { description: 'Such as image/jpeg.' })
  mimeType: string;

  @Directive('@listSize(assumedSize: 3)')
  @Field(() => [PreviewSizeType], { description: 'Every size, widest first.' })
  sizes: PreviewSizeType[];

  @Field(() => DateTimeScalar, { description: 'When the URLs stop to answer. Ask again for new ones.' })
  expiresAt: Date;
}
