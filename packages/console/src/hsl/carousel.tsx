import type { HslCarousel, HslCarouselItem } from '@tract/contract'
import { useState } from 'react'
import { Actionable } from './actionable.js'
import { pictureAddress } from './address.js'

interface CarouselProps {
  element: HslCarousel
  onReply?: ((message: string) => void) | undefined
}

/** Cards side by side; one with nothing to tap is an image. */
export function Carousel({ element, onReply }: CarouselProps) {
  const { items, image_aspect_ratio } = element.data
  return (
    <div className="hsl">
      {element.text && <p className="hsl-text">{element.text}</p>}
      <ul className="hsl-cards" aria-label="Cards" tabIndex={items.length > 1 ? 0 : undefined}>
        {items.map((item, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what was sent never changes
          <li key={index} className="hsl-card">
            <Card item={item} ratio={Number(image_aspect_ratio)} onReply={onReply} />
          </li>
        ))}
      </ul>
    </div>
  )
}

function Card({ item, ratio, onReply }: { item: HslCarouselItem; ratio: number } & Pick<CarouselProps, 'onReply'>) {
  const { thumbnail, title, sub_title, description, actionables, mini_actionable } = item
  return (
    <>
      <Picture address={thumbnail.image} about={title ?? 'Picture'} ratio={ratio} />
      {title && <p className="hsl-card-title">{title}</p>}
      {sub_title && <p>{sub_title}</p>}
      {description && <p className="hint">{description}</p>}
      {[...actionables, ...(mini_actionable ? [mini_actionable] : [])].map((actionable, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what was sent never changes
        <Actionable key={index} item={actionable} onReply={onReply} />
      ))}
    </>
  )
}

/** A picture that cannot be shown leaves its address. */
function Picture({ address, about, ratio }: { address: string; about: string; ratio: number }) {
  const [failed, setFailed] = useState(false)
  const picture = pictureAddress(address)
  if (address === '') return null
  if (picture === undefined || failed) return <p className="hint hsl-address">{address}</p>
  return (
    <img
      className="hsl-picture"
      src={picture}
      alt={about}
      loading="lazy"
      referrerPolicy="no-referrer"
      style={{ aspectRatio: ratio > 0.2 && ratio < 5 ? ratio : 1.77 }}
      onError={() => setFailed(true)}
    />
  )
}
